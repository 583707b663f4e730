import React from 'react';
import type { IActions } from '../../actions';
import type { IOverview } from '../../api/records';
import { Badge, moodOf } from '../../components/Badge';
import { Button } from '../../components/Button';
import { useWords } from '../../components/context';
import type { JobsModel } from '../../model/jobs';

export interface IStateProps {
  found: IOverview;
  jobs: JobsModel;
  actions: IActions;
}

/** The verdict, whether it still holds, and the buttons. */
export function State({ found, jobs, actions }: IStateProps): React.ReactElement {
  const trans = useWords();
  const isBusy = jobs.running !== null;
  const start = (verb: string): void => void actions.start(verb);
  return (
    <div className="jp-nb2prod-state">
      {found.exists ? (
        <p>
          <Badge mood={moodOf(found.verdict)} text={trans.__('verdict: %1', found.verdict)} />{' '}
          {found.stale && <Badge mood="careful" text={trans.__('stale')} />}
        </p>
      ) : (
        <p>{trans.__('This notebook has no pipeline yet.')}</p>
      )}
      {found.verdict_reason && <p className="jp-nb2prod-hint">{found.verdict_reason}</p>}
      {found.stale && <p className="jp-nb2prod-hint">{found.stale}</p>}
      <div className="jp-nb2prod-row">
        <Button
          label={found.exists ? trans.__('Convert again') : trans.__('Convert')}
          title={trans.__('Runs the notebook and the pipeline, and compares them')}
          isAccented={!found.exists || found.stale_kind === 'code'}
          isDisabled={isBusy}
          onClick={() => start('convert')}
        />
        {found.exists && (
          <>
            <Button
              label={trans.__('Run')}
              title={trans.__('Brings the outputs up to date')}
              isAccented={found.stale_kind === 'results'}
              isDisabled={isBusy}
              onClick={() => start('run')}
            />
            <Button
              label={trans.__('Verify')}
              title={trans.__('Runs notebook and pipeline, and compares them again')}
              isDisabled={isBusy}
              onClick={() => start('verify')}
            />
          </>
        )}
      </div>
      {found.merges.map(text => (
        <p key={text} className="jp-nb2prod-hint">
          {trans.__('merged: %1', text)}
        </p>
      ))}
    </div>
  );
}
