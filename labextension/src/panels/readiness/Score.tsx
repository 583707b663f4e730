import React from 'react';
import { useWords } from '../../components/context';
import type { IReadinessRecord } from '../../api/records';
import type { ReadinessModel } from '../../model/readiness';

/** How many criteria are met, and for which level. */
export function Score({ found, model }: { found: IReadinessRecord; model: ReadinessModel }): React.ReactElement {
  const trans = useWords();
  const met = found.criteria.filter(one => one.status === 'met').length;
  const text = trans.__('%1 of %2 criteria are met', met, found.criteria.length);
  const levels = [
    trans.__('0: one or two models, rare updates'),
    trans.__('1: several models, regular retraining'),
    trans.__('2: many models, frequent updates')
  ];
  return (
    <div className="jp-nb2prod-score">
      <label>
        {trans.__('Level')}{' '}
        <select
          className="jp-mod-styled"
          value={model.level}
          onChange={event => model.setLevel(Number(event.target.value))}
        >
          {levels.map((one, at) => (
            <option key={one} value={at}>
              {one}
            </option>
          ))}
        </select>
      </label>
      <meter min={0} max={found.criteria.length || 1} value={met} aria-label={text} />
      <p role="status">{text}</p>
    </div>
  );
}
