// SPDX-License-Identifier: Apache-2.0
// Links to places outside that a person wants in the sidebar.
import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconLink, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { defineTexts } from '@/texts';
import { prefer, usePreferences } from '../preferences';
import classes from './Arrange.module.css';
import { addressOf } from './navigation';

const { useTexts } = defineTexts('sidebar-links', {
  en: {
    links: 'Links to elsewhere',
    name: 'Name of the link',
    address: 'Address',
    add: 'Add link',
    remove: 'Remove link {{name}}',
  },
  de: {
    links: 'Links nach draußen',
    name: 'Name des Links',
    address: 'Adresse',
    add: 'Link hinzufügen',
    remove: 'Link {{name}} entfernen',
  },
});

function NewLink() {
  const t = useTexts();
  const { sidebarLinks } = usePreferences();
  const [label, setLabel] = useState('');
  const [typed, setTyped] = useState('');
  const url = addressOf(typed);
  const isNew = url !== undefined && sidebarLinks.every((link) => link.url !== url);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isNew) return;
        prefer({ sidebarLinks: [...sidebarLinks, { label: label.trim() || new URL(url).host, url }] });
        setLabel('');
        setTyped('');
      }}
    >
      <Group gap="xs" wrap="nowrap">
        <TextInput
          w={150}
          aria-label={t('name')}
          placeholder={t('name')}
          maxLength={40}
          value={label}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        <TextInput
          className={classes.label}
          aria-label={t('address')}
          placeholder="https://"
          maxLength={500}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={!isNew}>
          {t('add')}
        </Button>
      </Group>
    </form>
  );
}

export function Links() {
  const t = useTexts();
  const { sidebarLinks } = usePreferences();
  return (
    <Stack gap={2} role="group" aria-label={t('links')}>
      <Text fw={600} size="sm">
        {t('links')}
      </Text>
      {sidebarLinks.map((link) => (
        <Group key={link.url} className={classes.row} gap="xs" wrap="nowrap">
          <IconLink size={16} stroke={1.7} />
          <Text size="sm" className={classes.label} title={link.url}>
            {link.label}
          </Text>
          <ActionIcon
            aria-label={t('remove', { name: link.label })}
            onClick={() => prefer({ sidebarLinks: sidebarLinks.filter((one) => one !== link) })}
          >
            <IconX size={14} />
          </ActionIcon>
        </Group>
      ))}
      <NewLink />
    </Stack>
  );
}
