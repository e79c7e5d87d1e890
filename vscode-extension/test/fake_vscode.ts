// The little of VS Code that modules with pure parts touch when they are loaded.
export class EventEmitter {
  event = () => ({ dispose() {} });
  fire() {}
  dispose() {}
}
export class ThemeIcon {}
export class ThemeColor {}
export class TreeItem {}
export class MarkdownString {}
