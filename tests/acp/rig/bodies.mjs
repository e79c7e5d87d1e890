// What thole sends of a turn in which everything occurs that a request can hold: thinking where the
// model can, calls and their results (one of them an error, one an image), an image in the prompt.
import { assert, call, say, sayThenCall } from "../rig.mjs";

export const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

export async function bodiesOfTurn(rig) {
  rig.workspace.write("oar.png", Buffer.from(png, "base64"));
  const read = (path) => call("read_file", { path });
  rig.model.script(sayThenCall("I look.", read("notes.txt"), read("none"), read("oar.png")), say("Read."));
  const session = await rig.session();
  const level = session.configOptions.find((option) => option.id === "thought_level");
  if (level) await session.setOption("thought_level", "high");
  await session.prompt([
    { type: "text", text: "Look" },
    { type: "image", mimeType: "image/png", data: png },
  ]);
  assert.equal(rig.model.posts.length, 2);
  assert.equal(rig.model.posts[1].body.split(png).length, 3, "both images are sent");
  return rig.model.posts.map((post) => JSON.parse(post.body));
}
