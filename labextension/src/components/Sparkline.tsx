import React from 'react';

const WIDTH = 120;
const HEIGHT = 24;

/** A row of numbers as a line; its text says the same. */
export function Sparkline({ values, label }: { values: number[]; label: string }): React.ReactElement | null {
  if (!values.length) {
    return null;
  }
  const most = Math.max(...values, 1);
  const step = WIDTH / Math.max(values.length - 1, 1);
  const points = values.map((value, at) => `${at * step},${HEIGHT - (value / most) * (HEIGHT - 2) - 1}`);
  return (
    <svg className="jp-nb2prod-spark" role="img" aria-label={label} viewBox={`0 0 ${WIDTH} ${HEIGHT}`}>
      <polyline points={points.join(' ')} />
    </svg>
  );
}
