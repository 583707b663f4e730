import React from 'react';
import type { IJob } from '../api/records';
import { Button } from './Button';
import { Badge } from './Badge';
import { useWords } from './context';

export interface IJobNoteProps {
  job: IJob;
  onCancel: () => void;
  /** Go to the cell that raised. */
  onGo?: (cellId: string) => void;
}

/** How far a job is, or how it ended. */
export function JobNote({ job, onCancel, onGo }: IJobNoteProps): React.ReactElement {
  const trans = useWords();
  if (job.state === 'running') {
    const { phase, cell, number, total } = job.progress;
    return (
      <div className="jp-nb2prod-job" role="status">
        <div className="jp-nb2prod-row">
          <strong>{job.verb}</strong> <span className="jp-nb2prod-grow">{phase || trans.__('starting…')}</span>
          <Button label={trans.__('Cancel')} onClick={onCancel} />
        </div>
        <progress max={total || 1} value={total ? number : undefined} aria-label={trans.__('Progress of %1', job.verb)} />
        <div className="jp-nb2prod-hint">{total ? `${number}/${total} ${cell}` : cell}</div>
      </div>
    );
  }
  if (!job.trouble) {
    const words: Record<string, string> = {
      cancelled: trans.__('%1 was cancelled.', job.verb),
      lost: trans.__('%1 is lost: the server knows nothing of it any more. Start it again.', job.verb)
    };
    return words[job.state] ? <p role="status">{words[job.state]}</p> : <></>;
  }
  return (
    <div className="jp-nb2prod-trouble" role="alert">
      <Badge mood="bad" text={trans.__('%1 %2', job.verb, job.state)} />
      <p className="jp-nb2prod-pre">{job.trouble.message}</p>
      <p className="jp-nb2prod-hint">{job.trouble.hint}</p>
      {onGo && job.trouble.cell && <Button label={trans.__('Go to the cell')} onClick={() => onGo(job.trouble!.cell)} />}
    </div>
  );
}
