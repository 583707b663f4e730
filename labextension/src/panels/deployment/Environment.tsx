import React from 'react';
import type { IActions } from '../../actions';
import { Button } from '../../components/Button';
import { Sparkline } from '../../components/Sparkline';
import { useWords } from '../../components/context';
import type { IEnvironment, IVersion } from '../../api/records';
import { days, when } from './figures';
import { Gate } from './Gate';

export interface IEnvironmentProps {
  one: IEnvironment;
  /** The champion's version: what its gate measured when it was released. */
  released?: IVersion;
  actions: IActions;
  isBusy: boolean;
}

/** One environment: its champion, its challengers, and how much it predicts. */
export function Environment({ one, released, actions, isBusy }: IEnvironmentProps): React.ReactElement {
  const trans = useWords();
  const counts = one.predictions_per_day.map(day => Number(day.count));
  const champion = one.champion;
  const total = counts.reduce((sum, count) => sum + count, 0);
  return (
    <article className="jp-nb2prod-environment" aria-label={one.name}>
      <h3>{one.name}</h3>
      {champion ? (
        <>
          <p>
            <strong>{champion.version}</strong> {trans.__('since %1, by %2', when(champion.since), champion.by)}
          </p>
          <p className="jp-nb2prod-hint">
            {champion.model_age_days !== null && trans.__('model: %1 days old.', days(champion.model_age_days))}{' '}
            {champion.data_age_days !== null && trans.__('data: %1 days old.', days(champion.data_age_days))}
          </p>
          <Gate gate={{ ...released?.gate, ...champion.gate }} />
          <Button
            label={trans.__('Roll back…')}
            isDisabled={isBusy}
            onClick={() => void actions.rollback(one)}
          />
        </>
      ) : (
        <p className="jp-nb2prod-hint">{trans.__('no version yet')}</p>
      )}
      {one.challengers.map(other => (
        <p key={other.version}>{trans.__('challenger %1 since %2, by %3', other.version, when(other.since), other.by)}</p>
      ))}
      {counts.length > 0 && (
        <div>
          <Sparkline values={counts} label={trans.__('predictions per day')} />
          <span className="jp-nb2prod-hint">{trans.__('%1 predictions in %2 days', total, counts.length)}</span>
        </div>
      )}
    </article>
  );
}
