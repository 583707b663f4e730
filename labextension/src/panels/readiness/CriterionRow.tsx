import React from 'react';
import type { ICriterionRecord } from '../../api/records';
import { Badge, type Mood } from '../../components/Badge';
import { useWords } from '../../components/context';

const MOODS: Record<ICriterionRecord['status'], Mood> = { met: 'good', not_met: 'bad', unknown: 'careful' };

/** One question of the checklist, what was seen, and how to meet it. */
export function CriterionRow({ one }: { one: ICriterionRecord }): React.ReactElement {
  const trans = useWords();
  const words = { met: trans.__('met'), not_met: trans.__('not met'), unknown: trans.__('not seen') };
  return (
    <li>
      <details>
        <summary>
          <Badge mood={MOODS[one.status]} text={words[one.status]} /> {one.title}
        </summary>
        {one.evidence && <p>{one.evidence}</p>}
        {one.status !== 'met' && <p>{one.how_to_meet}</p>}
        <p className="jp-nb2prod-hint">{one.source}</p>
      </details>
    </li>
  );
}
