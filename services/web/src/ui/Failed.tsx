// SPDX-License-Identifier: Apache-2.0
import { Button, Center, Stack, Text } from '@mantine/core';
import { useQueryErrorResetBoundary } from '@tanstack/react-query';
import { inWords } from '@/api/problem';
import { defineTexts } from '@/texts';

const { useTexts } = defineTexts('failed', {
  en: { again: 'Try again' },
  de: { again: 'Noch einmal versuchen' },
});

/** In place of what could not be shown. */
export function Failed({ error, reset }: { error: unknown; reset?: () => void }) {
  const t = useTexts();
  const boundary = useQueryErrorResetBoundary();
  return (
    <Center h="100%" p="xl" role="alert">
      <Stack align="center" gap="sm" maw={420}>
        <Text ta="center">{inWords(error)}</Text>
        {reset && (
          <Button
            variant="default"
            onClick={() => {
              boundary.reset();
              reset();
            }}
          >
            {t('again')}
          </Button>
        )}
      </Stack>
    </Center>
  );
}
