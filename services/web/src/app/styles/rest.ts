// SPDX-License-Identifier: Apache-2.0
// All other styles of the kit, loaded behind the first screen; pages wait for them (router.tsx).
import '@mantine/core/styles.layer.css';
