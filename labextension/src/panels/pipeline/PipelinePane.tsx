import React from 'react';
import { TroubleNote } from '../../components/TroubleNote';
import { JobNote } from '../../components/JobNote';
import { Section } from '../../components/Section';
import { useWords } from '../../components/context';
import type { IPaneProps } from '../warnings/WarningsPane';
import { Details } from './Details';
import { Differences } from './Differences';
import { Graph } from './Graph';
import { Notes } from './Notes';
import { Opened } from './Opened';
import { Parameters } from './Parameters';
import { Proposal } from './Proposal';
import { State } from './State';

/** The notebook's stages, its pipeline, and what can be done with it. */
export function PipelinePane({ bench, actions }: IPaneProps): React.ReactElement {
  const trans = useWords();
  const { pipeline, stages, jobs, active } = bench;
  if (!active.panel) {
    return <p className="jp-nb2prod-empty">{trans.__('Open a notebook to see its pipeline.')}</p>;
  }
  const found = pipeline.found;
  const job = jobs.last('convert', 'run', 'verify', 'debug');
  return (
    <>
      <TroubleNote trouble={pipeline.trouble ?? stages.trouble ?? jobs.trouble} />
      {found && <State found={found} jobs={jobs} actions={actions} />}
      {job && <JobNote job={job} onCancel={() => void jobs.cancel()} onGo={id => void actions.goTo(id)} />}
      {job && <Differences job={job} />}
      {job && <Notes job={job} />}
      {job?.verb === 'debug' && job.state === 'done' && <Opened job={job} actions={actions} />}
      {stages.isKnown && (!found?.exists || stages.cutting.proposed || stages.cutting.problem || stages.left.length > 0) && (
        <Section title={stages.cutting.proposed ? trans.__('Proposed stages') : trans.__('Stages of the notebook')}>
          <Proposal cutting={stages.cutting} left={stages.left} actions={actions} />
        </Section>
      )}
      {found?.exists && (
        <>
          <Section title={trans.__('Stages and what crosses')}>
            <Graph model={pipeline} working={jobs.running?.progress.stage ?? ''} />
            <Details model={pipeline} actions={actions} isBusy={jobs.running !== null} />
          </Section>
          <Section title={trans.__('Parameters')} isOpen={false}>
            <Parameters
              key={active.path}
              parameters={found.parameters}
              actions={actions}
              isBusy={jobs.running !== null}
            />
          </Section>
        </>
      )}
    </>
  );
}
