import React from 'react';
import { Badge } from '../../components/Badge';
import { useWords } from '../../components/context';
import { type IInterval, Intervals } from './Intervals';

interface ICondition {
  name: string;
  passed: boolean | null;
  sentence: string;
}

/** The gate's evidence: passed or not, the metric and its rival's with their intervals, and each condition. */
export function Gate({ gate }: { gate: Record<string, unknown> | null }): React.ReactElement | null {
  const trans = useWords();
  if (!gate) {
    return null;
  }
  const conditions = (Array.isArray(gate.conditions) ? gate.conditions : []) as ICondition[];
  const own = { label: trans.__('this version'), interval: intervalOf(gate.estimate) };
  const rival = { label: String(gate.against ?? ''), interval: intervalOf(gate.rival) };
  return (
    <div className="jp-nb2prod-gate">
      {typeof gate.passed === 'boolean' && (
        <Badge
          mood={gate.passed ? 'good' : 'bad'}
          text={gate.passed ? trans.__('gate passed') : trans.__('gate not passed')}
        />
      )}
      {typeof gate.sentence === 'string' && <p className="jp-nb2prod-hint">{gate.sentence}</p>}
      <Intervals title={String(gate.metric ?? '')} rows={[own, rival]} />
      <ul>
        {conditions.slice(0, 20).map(one => (
          <li key={one.name} className="jp-nb2prod-hint">
            {one.passed ? '✓' : one.passed === false ? '✕' : '?'} {one.name}: {one.sentence}
          </li>
        ))}
      </ul>
    </div>
  );
}

function intervalOf(value: unknown): IInterval | null {
  const found = (value ?? {}) as Partial<IInterval>;
  return [found.low, found.value, found.high].every(Number.isFinite) ? (found as IInterval) : null;
}
