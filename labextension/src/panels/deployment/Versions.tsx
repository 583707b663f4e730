import React from 'react';
import type { IActions } from '../../actions';
import { Button } from '../../components/Button';
import { useWords } from '../../components/context';
import type { IVersion } from '../../api/records';
import { figure, when } from './figures';
import { Gate } from './Gate';

const MOST = 30;

export interface IVersionsProps {
  versions: IVersion[];
  actions: IActions;
  isBusy: boolean;
}

/** The versions, each with what it scored. */
export function Versions({ versions, actions, isBusy }: IVersionsProps): React.ReactElement {
  const trans = useWords();
  if (!versions.length) {
    return <p className="jp-nb2prod-hint">{trans.__('No version was released yet.')}</p>;
  }
  return (
    <ul className="jp-nb2prod-versions">
      {versions.slice(0, MOST).map(one => (
        <li key={one.version}>
          <details>
            <summary>
              <strong>{one.version}</strong> <span className="jp-nb2prod-hint">{when(one.at)}</span>
            </summary>
            <p className="jp-nb2prod-hint">
              {trans.__('commit %1, by %2', one.commit.slice(0, 10), one.by)}
            </p>
            <dl>
              {Object.entries(one.metrics).map(([name, value]) => (
                <React.Fragment key={name}>
                  <dt>{name}</dt>
                  <dd>{figure(value)}</dd>
                </React.Fragment>
              ))}
            </dl>
            <Gate gate={one.gate} />
          </details>
          <Button
            label={trans.__('Deploy %1…', one.version)}
            isDisabled={isBusy}
            onClick={() => void actions.deploy(one.version)}
          />
        </li>
      ))}
    </ul>
  );
}
