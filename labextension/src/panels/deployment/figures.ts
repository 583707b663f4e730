/** A number with few digits, everything else as it is. */
export function figure(value: unknown): string {
  return typeof value === 'number' && !Number.isInteger(value) ? value.toPrecision(4) : String(value);
}

/** A moment (ISO 8601) as people here write it. */
export function when(text: string): string {
  const date = new Date(text);
  return isNaN(date.valueOf()) ? text : date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** Days, with a digit after the point below ten. */
export function days(value: number): string {
  return value < 10 ? String(Math.round(value * 10) / 10) : String(Math.round(value));
}
