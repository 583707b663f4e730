import React from 'react';
import { Badge } from '../../components/Badge';
import { useWords } from '../../components/context';

const LEFT_OUT = ['passed', 'version'];

/** The gate's evidence: passed or not, and its figures. An interval is drawn too. */
export function Gate({ gate }: { gate: Record<string, unknown> | null }): React.ReactElement | null {
  const trans = useWords();
  if (!gate) {
    return null;
  }
  const rows = Object.entries(gate).filter(([name, value]) => !LEFT_OUT.includes(name) && isPlain(value));
  return (
    <div className="jp-nb2prod-gate">
      {typeof gate.passed === 'boolean' && (
        <Badge
          mood={gate.passed ? 'good' : 'bad'}
          text={gate.passed ? trans.__('gate passed') : trans.__('gate not passed')}
        />
      )}
      <dl>
        {rows.slice(0, 12).map(([name, value]) => (
          <React.Fragment key={name}>
            <dt>{name}</dt>
            <dd>{Array.isArray(value) ? value.map(figure).join(' – ') : figure(value)}</dd>
          </React.Fragment>
        ))}
      </dl>
    </div>
  );
}

function isPlain(value: unknown): boolean {
  return Array.isArray(value) ? value.length <= 4 && value.every(isPlain) : value !== null && typeof value !== 'object';
}

/** A number with few digits, everything else as it is. */
export function figure(value: unknown): string {
  return typeof value === 'number' && !Number.isInteger(value) ? value.toPrecision(4) : String(value);
}
