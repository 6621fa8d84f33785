// SPDX-License-Identifier: Apache-2.0
// A record beside the list that it stands in.
import { Button, Center, Drawer, Loader, Tabs } from '@mantine/core';
import { IconArrowUpRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Kind } from '@/api/kinds';
import { Failed } from '@/ui/Failed';
import { useTexts } from '../texts';
import { RecordFields } from './Fields';
import { History } from './History';
import { Identity } from './RecordPage';
import { Related } from './Related';
import { useRecord } from './useRecord';

interface PeekProps {
  kind: Kind;
  id: string;
  onClose: () => void;
}

export default function Peek({ kind, id, onClose }: PeekProps) {
  const t = useTexts();
  const { data: row, error, isPending } = useRecord(kind, id);
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={420}
      withOverlay={false}
      lockScroll={false}
      trapFocus={false}
      title={
        <Button
          component={Link}
          to={`/${kind.plural}/${id}`}
          variant="subtle"
          size="compact-sm"
          rightSection={<IconArrowUpRight size={14} />}
        >
          {t('openPage')}
        </Button>
      }
    >
      {row ? (
        <>
          <Identity kind={kind} row={row} />
          <Tabs defaultValue="details">
            <Tabs.List mb="sm">
              <Tabs.Tab value="details">{t('details')}</Tabs.Tab>
              <Tabs.Tab value="related">{t('related')}</Tabs.Tab>
              <Tabs.Tab value="history">{t('history')}</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="details">
              <RecordFields kind={kind} row={row} />
            </Tabs.Panel>
            <Tabs.Panel value="related">
              <Related kind={kind} id={id} />
            </Tabs.Panel>
            <Tabs.Panel value="history">
              <History kind={kind} id={id} />
            </Tabs.Panel>
          </Tabs>
        </>
      ) : isPending ? (
        <Center>
          <Loader size="sm" />
        </Center>
      ) : (
        <Failed error={error} />
      )}
    </Drawer>
  );
}
