import React from 'react';
import type { IDifference, IJob } from '../../api/records';
import { useWords } from '../../components/context';

const MOST = 20;

/** What notebook and pipeline do not agree on, side by side, as the last comparison found it. */
export function Differences({ job }: { job: IJob }): React.ReactElement | null {
  const trans = useWords();
  const found = (job.result?.differences ?? []) as IDifference[];
  if (!found.length) {
    return null;
  }
  return (
    <table className="jp-nb2prod-differences">
      <caption>{trans._n('%1 difference', '%1 differences', found.length)}</caption>
      <thead>
        <tr>
          <th scope="col">{trans.__('in the notebook')}</th>
          <th scope="col">{trans.__('in the pipeline')}</th>
        </tr>
      </thead>
      {found.slice(0, MOST).map(one => (
        <tbody key={`${one.stage} ${one.what} ${one.name}`}>
          <tr>
            <th scope="rowgroup" colSpan={2}>
              {one.stage}: {one.name} <span className="jp-nb2prod-hint">{one.what}</span>
            </th>
          </tr>
          <tr>
            <td>{one.notebook}</td>
            <td>{one.pipeline}</td>
          </tr>
        </tbody>
      ))}
    </table>
  );
}
