// A session's log as tests look at it.

// Its envelopes. The last line of a session that runs may be half written: it is not there yet.
export const lines = (rig, id) =>
  rig.workspace
    .read(`.thole/sessions/${id}.events.jsonl`)
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));

export const events = (rig, id) => lines(rig, id).map((line) => line.event);
export const ofType = (rig, id, type) => events(rig, id).filter((event) => event.type === type);
