import React from 'react';
import { Button } from '../../components/Button';
import { JobNote } from '../../components/JobNote';
import { TroubleNote } from '../../components/TroubleNote';
import { useWords } from '../../components/context';
import type { IActions } from '../../actions';
import { MOST_ROWS } from '../../model/warnings';
import type { IWorkbench } from '../../tokens';
import { Controls } from './Controls';
import { Count } from './Count';
import { WarningRow } from './WarningRow';

export interface IPaneProps {
  bench: IWorkbench;
  actions: IActions;
}

/** The warnings of the notebook as it stands. */
export function WarningsPane({ bench, actions }: IPaneProps): React.ReactElement {
  const trans = useWords();
  const { warnings, jobs, active } = bench;
  if (!active.panel) {
    return <p className="jp-nb2prod-empty">{trans.__('Open a notebook to see its warnings.')}</p>;
  }
  const count = warnings.shown.length;
  const more = count - MOST_ROWS + warnings.leftOut;
  const job = jobs.last('check');
  return (
    <>
      <Controls model={warnings} />
      <TroubleNote trouble={warnings.trouble ?? jobs.trouble} />
      {job && <JobNote job={job} onCancel={() => void jobs.cancel()} />}
      <div className="jp-nb2prod-row">
        <span className="jp-nb2prod-grow" role="status" aria-live="polite">
          <Count model={warnings} />
        </span>
        <Button
          label={trans.__('Confirm by running')}
          title={trans.__('Runs the saved notebook in a copy of its project, and says which warnings are so')}
          isDisabled={jobs.running !== null}
          onClick={() => actions.confirmByRunning()}
        />
      </div>
      {warnings.groups.map(([key, rows]) => (
        <section key={key} className="jp-nb2prod-group" aria-label={actions.titleOf(key, rows[0])}>
          <h3>{actions.titleOf(key, rows[0])}</h3>
          <ul>
            {rows.map(one => (
              <WarningRow key={`${one.code} ${one.cell_id} ${one.line} ${one.column}`} one={one} actions={actions} />
            ))}
          </ul>
        </section>
      ))}
      {more > 0 && <p className="jp-nb2prod-hint">{trans._n('and %1 more', 'and %1 more', more)}</p>}
    </>
  );
}
