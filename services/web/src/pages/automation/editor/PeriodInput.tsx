// SPDX-License-Identifier: Apache-2.0
import { Group, NumberInput, Select } from '@mantine/core';
import { parsePeriod, printPeriod, type Unit, units } from './period';
import { useTexts } from './texts';

interface PeriodInputProps {
  label: string;
  value: string | undefined;
  onChange: (value: string) => void;
  /** May lie before something, too. */
  signed?: boolean;
  error?: string | undefined;
  disabled?: boolean;
}

/** How long: a number and a unit, as "3d" in the API. */
export function PeriodInput({ label, value, onChange, signed, error, disabled }: PeriodInputProps) {
  const t = useTexts();
  const now = parsePeriod(value) ?? { count: 0, unit: 'd' as const, before: false };
  const put = (change: Partial<typeof now>) => onChange(printPeriod({ ...now, ...change }));
  return (
    <Group gap={6} align="flex-end" wrap="nowrap">
      <NumberInput
        label={label}
        min={0}
        allowDecimal={false}
        style={{ flex: 1 }}
        disabled={!!disabled}
        value={value ? now.count : ''}
        onChange={(next) => put({ count: Number(next) || 0 })}
        {...(error ? { error } : {})}
      />
      <Select
        aria-label={`${label}: ${t(units[now.unit])}`}
        w={112}
        disabled={!!disabled}
        allowDeselect={false}
        data={Object.entries(units).map(([unit, key]) => ({ value: unit, label: t(key) }))}
        value={now.unit}
        onChange={(unit) => unit && put({ unit: unit as Unit })}
      />
      {signed && (
        <Select
          aria-label={t('instant')}
          w={112}
          disabled={!!disabled}
          allowDeselect={false}
          data={[
            { value: 'after', label: t('after') },
            { value: 'before', label: t('before') },
          ]}
          value={now.before ? 'before' : 'after'}
          onChange={(side) => put({ before: side === 'before' })}
        />
      )}
    </Group>
  );
}
