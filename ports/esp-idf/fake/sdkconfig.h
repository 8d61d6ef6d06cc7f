/* SPDX-License-Identifier: Apache-2.0 */
/* For tests on the host: of a chip's configuration what the port looks at. */
#ifndef FAKE_SDKCONFIG_H
#define FAKE_SDKCONFIG_H

#define CONFIG_IDF_TARGET "esp32c3"

#endif
