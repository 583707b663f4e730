import React from 'react';
import type { ICrossing } from '../../api/records';
import { useWords } from '../../components/context';
import { nameOf } from '../../model/pipeline';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** 1234567 → `1.23 MB`. */
export function sizeOf(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${UNITS[power]}`;
}

/** Names with type, size and format, and why they cross. */
export function Crossings({ crossings }: { crossings: ICrossing[] }): React.ReactElement {
  const trans = useWords();
  return (
    <ul className="jp-nb2prod-crossings">
      {crossings.map(one => (
        <li key={one.path}>
          <code>{nameOf(one.names)}</code>{' '}
          <span className="jp-nb2prod-hint">
            {[one.types.join(', '), one.bytes === null ? '' : sizeOf(one.bytes), `${one.format} (${one.rung})`]
              .filter(Boolean)
              .join(' · ')}
          </span>
          {one.why && <div className="jp-nb2prod-hint">{trans.__('why: %1', one.why)}</div>}
        </li>
      ))}
    </ul>
  );
}
