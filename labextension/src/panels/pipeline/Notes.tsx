import React from 'react';
import type { IJob } from '../../api/records';
import { useWords } from '../../components/context';

const MOST = 20;

/** What a conversion did otherwise than its tags say, and why. */
export function Notes({ job }: { job: IJob }): React.ReactElement | null {
  const trans = useWords();
  const notes = (job.result?.notes ?? []) as string[];
  if (!notes.length) {
    return null;
  }
  return (
    <ul className="jp-nb2prod-hint" aria-label={trans.__('Notes')}>
      {notes.slice(0, MOST).map(text => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}
