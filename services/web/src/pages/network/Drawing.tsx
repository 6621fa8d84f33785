// SPDX-License-Identifier: Apache-2.0
// The departments and the lanes between them. The table below says the same in words.
import { Text } from '@mantine/core';
import { IconChartBar, IconCoin, IconHeadset, IconServer, IconSpeakerphone } from '@tabler/icons-react';
import { type Lane, type Member, type Network, writtenBy } from '@/api/network';
import { useIsPhone } from '@/app/shell/state';
import { formatNumber, useForms } from '@/ui/format';
import { shortly } from '@/ui/troubleText';
import classes from './Network.module.css';
import { useTexts } from './pageTexts';
import { curveOf, type Frame, placeOf, tall, wide } from './picture';

const signs = {
  sales: IconCoin,
  marketing: IconSpeakerphone,
  service: IconHeadset,
  analytics: IconChartBar,
  any: IconServer,
};

function useStateText() {
  const t = useTexts();
  return (member: Member, network: Network): string => {
    if (member.node === network.node)
      return network.ready ? t('here') : t('notReady', { why: network.reason ?? '' });
    if (member.connected) return member.differs ? t('differs') : t('reached');
    return member.heard_ms_ago === undefined
      ? t('never')
      : t('silent', { time: shortly(member.heard_ms_ago) });
  };
}

function Department({ member, network }: { member: Member; network: Network }) {
  const t = useTexts();
  const stateText = useStateText();
  const Sign = signs[member.department];
  const count = writtenBy(network, member.node);
  const isBad = !member.connected || member.differs || (member.node === network.node && !network.ready);
  return (
    <div
      className={classes.department}
      data-here={member.node === network.node || undefined}
      data-bad={isBad || undefined}
    >
      <div className={classes.name}>
        <Sign size={18} stroke={1.6} />
        <Text fw={620} size="md" truncate>
          {member.name}
        </Text>
      </div>
      <Text size="xs" c="dimmed" truncate>
        {t('events', { count, shown: formatNumber(count) })}
      </Text>
      <div className={classes.state}>
        <span className={classes.dot} />
        <Text size="xs" truncate title={stateText(member, network)}>
          {stateText(member, network)}
        </Text>
      </div>
    </div>
  );
}

function LaneLine({ lane, network, frame }: { lane: Lane; network: Network; frame: Frame }) {
  const place = (member: Member) => placeOf(network.members.indexOf(member), network.members.length, frame);
  const { path, middle } = curveOf(place(lane.from), place(lane.to), frame);
  const shown = formatNumber(lane.missing);
  return (
    <g className={classes.lane} data-state={lane.state}>
      <path d={path} className={classes.line} markerEnd={`url(#lane-end-${lane.state})`} />
      {/* Drawn anew, and so run once more, whenever something has arrived. */}
      <circle key={lane.held} r={4} className={classes.pulse} style={{ offsetPath: `path("${path}")` }} />
      {lane.missing > 0 && (
        <g transform={`translate(${middle.x} ${middle.y})`}>
          <rect
            x={-(shown.length * 4 + 10)}
            y={-10}
            width={shown.length * 8 + 20}
            height={20}
            rx={10}
            className={classes.pill}
          />
          <text textAnchor="middle" dy={4} className={classes.count}>
            −{shown}
          </text>
        </g>
      )}
    </g>
  );
}

export function Drawing({ network, lanes }: { network: Network; lanes: Lane[] }) {
  const t = useTexts();
  useForms();
  const frame = useIsPhone() ? tall : wide;
  const { box } = frame;
  return (
    <div className={classes.drawing}>
      <svg
        viewBox={`0 0 ${frame.width} ${frame.height}`}
        role="img"
        aria-label={t('picture')}
        className={classes.svg}
      >
        <defs>
          {(['equal', 'behind', 'cut'] as const).map((state) => (
            <marker
              key={state}
              id={`lane-end-${state}`}
              viewBox="0 0 8 8"
              refX="6"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto"
            >
              <path d="M1 1 L7 4 L1 7" className={classes.arrow} data-state={state} />
            </marker>
          ))}
        </defs>
        {lanes.map((lane) => (
          <LaneLine key={`${lane.from.node}-${lane.to.node}`} lane={lane} network={network} frame={frame} />
        ))}
        {network.members.map((member, index) => {
          const at = placeOf(index, network.members.length, frame);
          return (
            <foreignObject
              key={member.node}
              x={at.x - box.width / 2}
              y={at.y - box.height / 2}
              width={box.width}
              height={box.height}
            >
              <Department member={member} network={network} />
            </foreignObject>
          );
        })}
      </svg>
    </div>
  );
}
