// SPDX-License-Identifier: Apache-2.0
// A plan as it goes, from top to bottom: a card for each step, a line for each way that is not simply down.
import { ActionIcon, Text, ThemeIcon } from '@mantine/core';
import { IconFlag, IconPlus } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import { useKinds } from '@/api/kinds';
import { useSchemaTexts } from '@/texts/schema';
import classes from './Drawing.module.css';
import { belowOf, type Fault, type Lane, lanesOf, type Step, waysOf } from './plan';
import { colors, icons, summaryOf } from './said';
import { useTexts } from './texts';

const pitch = 92;
const card = 58;
const gap = 13;
const middle = (index: number) => (index + 1) * pitch + card / 2;

/** Lines beside the cards; -1 is the card of the beginning. */
function Lines({ lanes, side, rows }: { lanes: Lane[]; side: 'left' | 'right'; rows: number }) {
  const width = lanes.length ? (Math.max(...lanes.map((way) => way.lane)) + 1) * gap + 12 : 0;
  const height = rows * pitch;
  return (
    <svg className={classes.lines} width={width} height={height} aria-hidden data-side={side}>
      {lanes.map((way) => {
        const out = (way.lane + 1) * gap + 4;
        const [from, to] = [middle(way.from) + 7, middle(way.to) - 7];
        const x = (far: number) => (side === 'right' ? far : width - far);
        const bend = Math.sign(to - from) * 8;
        return (
          <g key={`${way.from} ${way.type}`} className={classes.line} data-type={way.type}>
            <path
              d={`M${x(0)} ${from} H${x(out - 8)} Q${x(out)} ${from} ${x(out)} ${from + bend} V${to - bend} Q${x(out)} ${to} ${x(out - 8)} ${to} H${x(3)}`}
            />
            <path d={`M${x(8)} ${to - 4} L${x(2)} ${to} L${x(8)} ${to + 4}`} />
          </g>
        );
      })}
    </svg>
  );
}

function Exits({ steps, step, at }: { steps: Step[]; step: Step; at: number }) {
  const t = useTexts();
  const below = belowOf(step);
  const said = waysOf(steps).filter((way) => way.from === at && step.action !== 'end');
  const words = {
    yes: t('yes'),
    no: t('no'),
    late: t('late'),
    unanswered: t('noAnswer'),
    next: '',
    again: t('again'),
  } as const;
  return (
    <>
      {said.map((way) => (
        <span key={way.type} className={classes.exit} data-type={way.type}>
          {[words[way.type], t('toStep', { name: steps[way.to]?.name ?? '?' })].filter(Boolean).join(' ')}
        </span>
      ))}
      {(below === 'yes' || below === 'no') && <span className={classes.exit}>{t(below)} ↓</span>}
    </>
  );
}

interface CardProps {
  at: number;
  chosen: boolean;
  color?: string;
  icon: ReactNode;
  title: string;
  line: string;
  label: string;
  isWrong?: boolean;
  children?: ReactNode;
  onChoose: () => void;
  onOpen: () => void;
}
function Card({
  at,
  chosen,
  color,
  icon,
  title,
  line,
  label,
  isWrong,
  children,
  onChoose,
  onOpen,
}: CardProps) {
  return (
    <button
      type="button"
      className={classes.card}
      data-at={at}
      data-wrong={isWrong || undefined}
      aria-current={chosen ? 'step' : undefined}
      aria-label={label}
      tabIndex={chosen ? 0 : -1}
      onClick={() => {
        onChoose();
        onOpen();
      }}
      onFocus={onChoose}
    >
      <ThemeIcon variant="light" size={30} radius="md" {...(color ? { color } : {})}>
        {icon}
      </ThemeIcon>
      <span className={classes.words}>
        <span className={classes.title}>{title}</span>
        <span className={classes.summary}>{line}</span>
      </span>
      <span className={classes.exits}>{children}</span>
    </button>
  );
}

export interface Moves {
  onChoose: (at: number) => void;
  /** Where the form is not beside it. */
  onOpen: () => void;
  onAdd: (at: number) => void;
  onMove: (at: number, by: -1 | 1) => void;
  onRemove: (at: number) => void;
  /** Into the form of what is chosen. */
  onEnter: () => void;
}

interface DrawingProps extends Moves {
  kind: string;
  steps: Step[];
  /** -1: the beginning. */
  chosen: number;
  fault?: Fault | undefined;
  /** What sets it off, or what it is about. */
  begin: string;
  beginIcon: ReactNode;
  canEdit: boolean;
}

export function Drawing(props: DrawingProps) {
  const {
    steps,
    chosen,
    kind,
    fault,
    begin,
    beginIcon,
    canEdit,
    onChoose,
    onOpen,
    onAdd,
    onMove,
    onRemove,
    onEnter,
  } = props;
  const t = useTexts();
  const book = useKinds();
  useSchemaTexts();
  const frame = useRef<HTMLOListElement>(null);
  const follow = useRef(false);
  useEffect(() => {
    if (!follow.current) return;
    follow.current = false;
    frame.current?.querySelector<HTMLElement>(`[data-at="${chosen}"]`)?.focus();
  });
  const { down, up } = lanesOf(waysOf(steps));
  const then = (run: () => void) => {
    follow.current = true;
    run();
  };
  const press = (event: KeyboardEvent) => {
    if (!(event.target instanceof HTMLElement) || event.target.dataset.at === undefined) return;
    const { key, altKey } = event;
    const by = key === 'ArrowUp' ? -1 : key === 'ArrowDown' ? 1 : 0;
    if (by && altKey && canEdit && chosen >= 0) then(() => onMove(chosen, by));
    else if (by) then(() => onChoose(Math.min(steps.length - 1, Math.max(-1, chosen + by))));
    else if (key === 'Home') then(() => onChoose(-1));
    else if (key === 'End') then(() => onChoose(steps.length - 1));
    else if (key === 'Enter') onEnter();
    else if (key === 'Insert' && canEdit) then(() => onAdd(chosen + 1));
    else if (key === 'Delete' && canEdit && chosen >= 0) then(() => onRemove(chosen));
    else return;
    event.preventDefault();
  };
  const adder = (at: number, label: string, plain: boolean) => (
    <span className={classes.between} data-plain={plain || undefined}>
      {canEdit && (
        <ActionIcon
          variant="default"
          size={20}
          radius="xl"
          tabIndex={-1}
          aria-label={label}
          onClick={() => then(() => onAdd(at))}
        >
          <IconPlus size={12} />
        </ActionIcon>
      )}
    </span>
  );
  return (
    <div>
      <div className={classes.frame}>
        <Lines lanes={up} side="left" rows={steps.length + 2} />
        <ol ref={frame} className={classes.steps} aria-label={t('drawing')} onKeyDown={press}>
          <li className={classes.step}>
            <Card
              at={-1}
              chosen={chosen === -1}
              icon={beginIcon}
              color="teal"
              title={t('begin')}
              line={begin}
              label={`${t('begin')}: ${begin}`}
              isWrong={!!fault && fault.step === undefined}
              onChoose={() => onChoose(-1)}
              onOpen={onOpen}
            />
            {adder(0, t('addFirst'), true)}
          </li>
          {steps.map((step, at) => {
            const Sign = icons[step.action];
            const line = summaryOf(step, book, kind) || t('empty');
            return (
              <li key={step.name} className={classes.step}>
                <Card
                  at={at}
                  chosen={chosen === at}
                  icon={<Sign size={16} />}
                  {...(colors[step.action] ? { color: colors[step.action] as string } : {})}
                  title={step.name}
                  line={line}
                  label={`${at + 1}. ${step.name}: ${t(step.action)}. ${line}`}
                  isWrong={fault?.step === at}
                  onChoose={() => onChoose(at)}
                  onOpen={onOpen}
                >
                  <Exits steps={steps} step={step} at={at} />
                </Card>
                {adder(at + 1, t('addBelow', { name: step.name }), belowOf(step) !== 'never')}
              </li>
            );
          })}
          <li className={classes.end}>
            <IconFlag size={14} aria-hidden /> {t('end')}
          </li>
        </ol>
        <Lines lanes={down} side="right" rows={steps.length + 2} />
      </div>
      {canEdit && (
        <Text size="xs" c="dimmed" mt="sm" ta="center" visibleFrom="sm">
          {t('keys')}
        </Text>
      )}
    </div>
  );
}
