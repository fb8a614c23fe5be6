// The file both sides run: n services of one small image, so that the engine's own work weighs as it does in practice.

export function composeFile(image: string, services: number, mark: string): string {
  const one = (index: number) =>
    [
      `  s${index}:`,
      `    image: ${image}`,
      '    init: true',
      '    command: ["sh", "-c", "exec sleep 100000"]',
      `    environment: { MARK: "${mark}" }`,
    ].join('\n');
  return `services:\n${Array.from({ length: services }, (_, index) => one(index)).join('\n')}\n`;
}
