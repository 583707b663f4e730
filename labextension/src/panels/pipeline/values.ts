import type { IParameterView } from '../../api/records';

/** How a value is shown in a field: text as it is, everything else as JSON. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What was typed, as a value of the parameter's type; undefined where it is none. */
export function valueOf(parameter: IParameterView, typed: string): unknown {
  if (parameter.type === 'text') {
    return typed;
  }
  let value: unknown;
  try {
    value = JSON.parse(typed);
  } catch {
    return undefined;
  }
  const kinds: Record<string, boolean> = {
    integer: Number.isInteger(value),
    number: typeof value === 'number',
    truth: typeof value === 'boolean',
    list: Array.isArray(value),
    mapping: typeof value === 'object' && value !== null && !Array.isArray(value)
  };
  return (kinds[parameter.type] ?? true) ? value : undefined;
}
