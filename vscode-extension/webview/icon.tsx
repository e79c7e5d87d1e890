export function Icon({ name, spin = false }: { name: string; spin?: boolean }) {
  const motion = spin ? " codicon-modifier-spin" : "";
  return <i class={`codicon codicon-${name}${motion}`} aria-hidden="true" />;
}
