// SPDX-License-Identifier: Apache-2.0
// A rule or a flow: drawn at the left, what is chosen at the right, tried below before it is switched on.
import { Badge, Button, Drawer, Group, Switch, Tabs, Tooltip } from '@mantine/core';
import { IconBolt, IconCalendarTime, IconClockHour4, IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { type Kind, useKinds } from '@/api/kinds';
import { type Row, recordQuery } from '@/api/records';
import { useMay } from '@/api/session';
import { useIsPhone } from '@/app/shell/state';
import { History } from '@/kind/record/History';
import { RecordActions } from '@/kind/record/RecordActions';
import { Crumbs } from '@/kind/record/RecordPage';
import { useSchemaTexts } from '@/texts/schema';
import { Failed } from '@/ui/Failed';
import { Page } from '@/ui/Page';
import { RunsOf } from '../Runs';
import { useOccasion } from '../useOccasion';
import { BeginForm } from './BeginForm';
import { Drawing } from './Drawing';
import type { Draft, Plural } from './draft';
import classes from './Editor.module.css';
import { inserted, moved, newStep, removed, renamed, replaced } from './plan';
import { StepForm } from './StepForm';
import { FlowTrial, RuleTrial } from './Trial';
import { useTexts } from './texts';
import { useDraft } from './useDraft';

const signs = { fact: IconBolt, change: IconBolt, moment: IconCalendarTime, schedule: IconClockHour4 };

function useBegin(plural: Plural, draft: Draft): string {
  const occasion = useOccasion();
  const book = useKinds();
  const { labelText } = useSchemaTexts();
  const kind = book.byName(draft.kind);
  const about = kind ? labelText(kind.label) : draft.kind;
  if (plural === 'flows') return about;
  const said = occasion({ ...draft, id: '', fields: {} });
  return draft.condition ? `${said}: ${draft.condition}` : said;
}

interface PlanProps {
  plural: Plural;
  row: Row | undefined;
  edit: ReturnType<typeof useDraft>;
  canEdit: boolean;
}

function PlanView({ plural, row, edit, canEdit }: PlanProps) {
  const t = useTexts();
  const isPhone = useIsPhone();
  const [chosen, setChosen] = useState(-1);
  const [isOpen, setOpen] = useState(false);
  const side = useRef<HTMLDivElement>(null);
  const { draft, update, fault } = edit;
  const { steps } = draft;
  const faulty = fault?.step;
  useEffect(() => {
    if (faulty !== undefined) setChosen(faulty);
  }, [faulty]);
  const begin = useBegin(plural, draft);
  const Sign = plural === 'flows' ? IconPlayerPlay : signs[draft.trigger];
  const at = Math.min(chosen, steps.length - 1);
  const add = (place: number) => {
    update((before) => ({
      steps: inserted(before.steps, place, newStep(before.steps, place, 'create', t('create'))),
    }));
    setChosen(place);
    if (isPhone) setOpen(true);
  };
  const move = (from: number, by: -1 | 1) => {
    update((before) => ({ steps: moved(before.steps, from, by) }));
    setChosen(Math.min(steps.length - 1, Math.max(0, from + by)));
  };
  const remove = (from: number) => {
    update((before) => ({ steps: removed(before.steps, from) }));
    setChosen(Math.min(from, steps.length - 2));
    setOpen(false);
  };
  const form = (
    <fieldset disabled={!canEdit} className={classes.bare}>
      {at < 0 ? (
        <BeginForm plural={plural} draft={draft} fault={fault} onChange={update} />
      ) : (
        <StepForm
          steps={steps}
          at={at}
          kind={draft.kind}
          fault={fault?.step === at ? fault : undefined}
          onChange={(step) => update((before) => ({ steps: replaced(before.steps, at, step) }))}
          onRename={(name) =>
            name !== steps[at]?.name &&
            !steps.some((step) => step.name === name) &&
            update((before) => ({ steps: renamed(before.steps, at, name) }))
          }
          onMove={(by) => move(at, by)}
          onRemove={() => remove(at)}
        />
      )}
    </fieldset>
  );
  const Trial = plural === 'rules' ? RuleTrial : FlowTrial;
  const trial = row && <Trial row={row} isChanged={edit.isChanged} onTurn={edit.turn} />;
  return (
    <div className={classes.two}>
      <div className={classes.drawing}>
        <Drawing
          kind={draft.kind}
          steps={steps}
          chosen={at}
          fault={fault}
          begin={begin}
          beginIcon={<Sign size={16} />}
          canEdit={canEdit}
          onChoose={setChosen}
          onOpen={() => isPhone && setOpen(true)}
          onAdd={add}
          onMove={move}
          onRemove={remove}
          onEnter={() =>
            isPhone ? setOpen(true) : side.current?.querySelector<HTMLElement>('input[data-form]')?.focus()
          }
        />
      </div>
      {isPhone ? (
        <>
          <div className={classes.side}>{trial}</div>
          <Drawer
            opened={isOpen}
            onClose={() => setOpen(false)}
            position="bottom"
            size="85%"
            title={draft.name}
          >
            {form}
          </Drawer>
        </>
      ) : (
        <div ref={side} className={classes.side}>
          {form}
          {trial}
        </div>
      )}
    </div>
  );
}

function Editing({ kind, plural, row }: { kind: Kind; plural: Plural; row: Row | undefined }) {
  const t = useTexts();
  const may = useMay();
  const [tab, setTab] = useState<string | null>('plan');
  const edit = useDraft(plural, row);
  const canEdit = may(row ? 'change' : 'create', kind.name);
  const isOn = row?.enabled === true;
  const name = edit.draft.name || t(plural === 'rules' ? 'newRule' : 'newFlow');
  return (
    <Page
      title={<Crumbs kind={kind} name={name} />}
      tabTitle={name}
      beside={edit.isChanged && <Badge color="yellow">{t('unsaved')}</Badge>}
      actions={
        <>
          {row && (
            <Tooltip label={t('saveFirst')} disabled={!edit.isChanged}>
              <Switch
                label={t(isOn ? 'on' : 'off')}
                checked={isOn}
                disabled={!canEdit || (edit.isChanged && !isOn)}
                onChange={(event) => edit.turn(event.currentTarget.checked)}
              />
            </Tooltip>
          )}
          {edit.isChanged && (
            <Button variant="default" onClick={edit.discard} visibleFrom="sm">
              {t('discard')}
            </Button>
          )}
          {canEdit && (
            <Button loading={edit.isBusy} disabled={!edit.isChanged} onClick={() => void edit.save()}>
              {t('save')}
            </Button>
          )}
          {row && <RecordActions kind={kind} id={row.id} row={row} />}
        </>
      }
      bar={
        row && (
          <Tabs value={tab} onChange={setTab} variant="none">
            <Tabs.List>
              <Group gap={4} wrap="nowrap">
                {(['plan', 'runs', 'history'] as const).map((one) => (
                  <Tabs.Tab key={one} value={one} fw={tab === one ? 650 : 400}>
                    {t(one)}
                  </Tabs.Tab>
                ))}
              </Group>
            </Tabs.List>
          </Tabs>
        )
      }
    >
      {tab === 'plan' && <PlanView plural={plural} row={row} edit={edit} canEdit={canEdit} />}
      {row && tab === 'runs' && (
        <div className={classes.other}>
          <RunsOf field={kind.name} id={row.id} />
        </div>
      )}
      {row && tab === 'history' && (
        <div className={classes.other}>
          <History kind={kind} id={row.id} />
        </div>
      )}
    </Page>
  );
}

function Saved({ kind, plural, id }: { kind: Kind; plural: Plural; id: string }) {
  const { data, error } = useQuery(recordQuery(plural, id));
  if (error) return <Failed error={error} />;
  return data ? <Editing kind={kind} plural={plural} row={data} /> : null;
}

export function Editor({ plural, id }: { plural: Plural; id: string | undefined }) {
  const kind = useKinds().byPlural(plural);
  if (!kind) return null;
  return id ? (
    <Saved key={id} kind={kind} plural={plural} id={id} />
  ) : (
    <Editing kind={kind} plural={plural} row={undefined} />
  );
}
