# SPDX-License-Identifier: Apache-2.0
# A toolchain for RV32IMC without a system: Debian's GCC with picolibc. That has
# no libraries for rv32imc; with these flags GCC takes those for rv32im, which
# fit.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv32)
set(CMAKE_C_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_ASM_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_AR riscv64-unknown-elf-ar)
set(CMAKE_RANLIB riscv64-unknown-elf-ranlib)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

# Registers are saved by shared code: a fourteenth of the image less.
set(target "-march=rv32imc -mabi=ilp32 --specs=picolibc.specs")
set(CMAKE_C_FLAGS_INIT
  "${target} -msave-restore -ffunction-sections -fdata-sections")
set(CMAKE_ASM_FLAGS_INIT "${target}")
set(CMAKE_EXE_LINKER_FLAGS_INIT
  "-nostartfiles -Wl,--gc-sections -Wl,--no-warn-rwx-segments")

# jsmn is a header alone; the rest of the system's must stay out of sight.
file(COPY /usr/include/jsmn.h DESTINATION ${CMAKE_BINARY_DIR}/include)
include_directories(SYSTEM ${CMAKE_BINARY_DIR}/include)
