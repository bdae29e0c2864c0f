/** What a customer has chosen, before it is paid. */
export interface Line {
  name: string;
  count: number;
}

export function total(lines: Line[], price: (name: string) => number): number {
  return lines.reduce((sum, line) => sum + price(line.name) * line.count, 0);
}
