import React from 'react';
import { figure } from './figures';

export interface IInterval {
  low: number;
  value: number;
  high: number;
}

export interface IIntervalRow {
  label: string;
  interval: IInterval | null;
}

const WIDTH = 200;
const ROW = 14;

/** Estimates with their intervals on one scale, one below the other; the figures stand beside them. */
export function Intervals({ title, rows }: { title: string; rows: IIntervalRow[] }): React.ReactElement | null {
  const shown = rows.filter((row): row is { label: string; interval: IInterval } => row.interval !== null);
  if (!shown.length) {
    return null;
  }
  const least = Math.min(...shown.map(row => row.interval.low));
  const most = Math.max(...shown.map(row => row.interval.high));
  const place = (value: number): number => 6 + ((value - least) / (most - least || 1)) * (WIDTH - 12);
  const texts = shown.map(
    ({ label, interval }) => `${label}: ${figure(interval.value)} [${figure(interval.low)}, ${figure(interval.high)}]`
  );
  return (
    <figure className="jp-nb2prod-intervals">
      <svg role="img" aria-label={`${title}: ${texts.join('; ')}`} viewBox={`0 0 ${WIDTH} ${shown.length * ROW}`}>
        {shown.map(({ label, interval }, at) => (
          <g key={label} transform={`translate(0 ${at * ROW + ROW / 2})`}>
            <path d={`M${place(interval.low)} 0 H${place(interval.high)}`} />
            <circle cx={place(interval.value)} r={at ? 3 : 4} />
          </g>
        ))}
      </svg>
      <figcaption className="jp-nb2prod-hint">
        {title}
        {texts.map(text => (
          <div key={text}>{text}</div>
        ))}
      </figcaption>
    </figure>
  );
}
