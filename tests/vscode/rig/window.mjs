// One window of VS Code in the browser, used as a person would: palette, views, notifications, the
// pages of the extension.
import { shotPath } from "./host.mjs";

// What a slow machine may need for one step.
export const patience = Number(process.env.THOLE_TEST_PATIENCE_MS ?? 120_000);

export class Window {
  constructor(page, url) {
    this.page = page;
    this.url = url;
  }

  async open() {
    await this.page.goto(this.url, { timeout: 2 * patience });
    await this.icon.waitFor({ timeout: 2 * patience }); // the extension is known; commands work from here
  }

  get icon() {
    return this.page.locator('.activitybar .action-item a[aria-label^="thole"]');
  }

  // The chat of the activity bar.
  get chat() {
    return this.page
      .locator('iframe.webview.ready')
      .first()
      .contentFrame()
      .locator("iframe#active-frame")
      .contentFrame();
  }

  // The n-th page of the extension that is in sight.
  pageOf(n) {
    return this.page
      .locator("iframe.webview.ready")
      .nth(n)
      .contentFrame()
      .locator("iframe#active-frame")
      .contentFrame();
  }

  get composer() {
    return this.chat.getByRole("textbox", { name: "Message to thole" });
  }

  async openChat() {
    await this.icon.click();
    await this.page.mouse.move(700, 400); // away with the tooltip
    await this.composer.waitFor({ timeout: patience });
    await this.chat.getByRole("button", { name: /^Permission mode/ }).waitFor({ timeout: patience });
  }

  async say(text) {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  // Goes back through the chat with the keys until what is so called has the focus.
  async keyTo(name) {
    const nameOf = (all) => all.map((one) => one.getAttribute("aria-label") ?? one.textContent.trim());
    for (let i = 0; i < 30; ++i) {
      const [focused] = await this.chat.locator(":focus").evaluateAll(nameOf);
      if (focused === name) return;
      await this.page.keyboard.press("Shift+Tab");
    }
    throw new Error(`no key leads to “${name}”`);
  }

  async run(command) {
    const input = this.page.locator(".quick-input-widget input.input");
    const row = this.page.locator(".quick-input-widget .monaco-list-row", { hasText: command }).first();
    for (let i = 0; i < 8; ++i) {
      await this.page.keyboard.press("F1");
      await input.waitFor();
      await input.fill(`>${command}`);
      // Opened too early it does not know the commands of the extension, and never will.
      const isThere = await row.waitFor({ timeout: 3000 * (i + 1) }).then(
        () => true,
        () => false,
      );
      if (isThere) return row.click();
      await this.page.keyboard.press("Escape");
    }
    throw new Error(`the palette has no “${command}”`);
  }

  // A button in the title bar of the editor.
  titleButton(name) {
    return this.page.locator(`.editor-group-container.active .editor-actions a[aria-label^="${name}"]`);
  }

  // Answers an input box.
  async type(text) {
    const input = this.page.locator(".quick-input-widget input.input");
    await input.waitFor({ timeout: patience });
    await input.fill(text);
    await input.press("Enter");
  }

  async pick(text) {
    const row = this.page.locator(".quick-input-widget .monaco-list-row", { hasText: text }).first();
    await row.click({ timeout: patience });
  }

  async openFile(name) {
    await this.page.keyboard.press("Control+p");
    const input = this.page.locator(".quick-input-widget input.input");
    await input.waitFor();
    await input.fill(name);
    await this.pick(name);
    await this.tab(name).waitFor({ timeout: patience });
    await this.focusEditor();
  }

  async focusEditor() {
    const lines = this.page.locator(".editor-group-container.active .view-line");
    await lines.first().click();
    await this.page.locator(".editor-group-container.active .monaco-editor.focused").waitFor();
  }

  tab(name) {
    return this.page.locator(".tabs-container .tab", { hasText: name });
  }

  get editor() {
    return this.page.locator(".editor-group-container.active .monaco-editor[data-uri]").first();
  }

  // What the active editor shows, as text.
  async lines() {
    const lines = this.page.locator(".editor-group-container.active .view-lines").last();
    const texts = await lines.locator(".view-line").evaluateAll((all) =>
      all
        .map((one) => [Number.parseFloat(one.style.top), one.textContent.replaceAll("\u00a0", " ")])
        .sort((a, b) => a[0] - b[0])
        .map(([, text]) => text),
    );
    return texts;
  }

  // Waits for a notification and presses a button of it. VS Code shows it as a toast, or at times,
  // when things go fast, in its list only, which is opened then.
  async notified(text, button) {
    const center = this.page.locator(".notifications-center");
    const bell = this.page.locator("#status\\.notifications");
    const toast = this.page.locator(".notification-toast", { hasText: text });
    const listed = center.locator(".notification-list-item", { hasText: text });
    await toast.waitFor({ timeout: 3000 }).catch(() => bell.click());
    const notice = toast.or(listed).first();
    await notice.waitFor();
    if (button) await notice.getByRole("button", { name: button }).click();
    if (await center.isVisible()) await bell.click();
  }

  // Shows one of the trees of the extension.
  async tree(name) {
    const header = this.page.locator(".pane-header", { hasText: name }).first();
    await header.waitFor({ timeout: patience });
    if ((await header.getAttribute("aria-expanded")) === "false") await header.click();
    return this.page.locator(".pane", { has: header });
  }

  async shot(name) {
    await this.page.screenshot({ path: shotPath(name) });
  }

  async reload() {
    // What extensions remember is written a moment later; people are slower.
    await this.page.waitForTimeout(1000);
    await this.page.reload();
    await this.icon.waitFor({ timeout: 2 * patience });
  }
}
