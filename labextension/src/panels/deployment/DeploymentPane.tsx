import React from 'react';
import { Button } from '../../components/Button';
import { JobNote } from '../../components/JobNote';
import { Section } from '../../components/Section';
import { TroubleNote } from '../../components/TroubleNote';
import { useWords } from '../../components/context';
import type { IPaneProps } from '../warnings/WarningsPane';
import { Environment } from './Environment';
import { History } from './History';
import { Trace } from './Trace';
import { Versions } from './Versions';

/** Which version is where, since when and by whom; promote and roll back. */
export function DeploymentPane({ bench, actions }: IPaneProps): React.ReactElement {
  const trans = useWords();
  const { deployment, jobs, active } = bench;
  if (!active.panel) {
    return <p className="jp-nb2prod-empty">{trans.__('Open a notebook to see where its model is.')}</p>;
  }
  const status = deployment.status;
  const job = jobs.last('release', 'deploy', 'rollback');
  const names = status?.environments.map(one => one.name) ?? [];
  return (
    <>
      <TroubleNote trouble={deployment.trouble ?? jobs.trouble} />
      {job && <JobNote job={job} onCancel={() => void jobs.cancel()} />}
      {status && (
        <>
          <Button
            label={trans.__('Release this state…')}
            title={trans.__('The state of this commit becomes a version, if it passes its gate')}
            isAccented
            isDisabled={jobs.running !== null}
            onClick={() => void actions.release()}
          />
          <Section title={trans.__('Environments')}>
            {status.environments.map(one => (
              <Environment
                key={one.name}
                one={one}
                released={status.versions.find(version => version.version === one.champion?.version)}
                actions={actions}
                isBusy={jobs.running !== null}
              />
            ))}
            {!names.length && <p className="jp-nb2prod-hint">{trans.__('Nothing is deployed yet.')}</p>}
          </Section>
          <Section title={trans.__('Versions')}>
            <Versions versions={status.versions} actions={actions} isBusy={jobs.running !== null} />
          </Section>
          <Section title={trans.__('History')} isOpen={false}>
            <History events={deployment.events} />
          </Section>
          <Section title={trans.__('Trace')} isOpen={false}>
            <Trace model={deployment} actions={actions} />
          </Section>
        </>
      )}
    </>
  );
}
