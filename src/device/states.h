/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the supervisor and its states share. A state has up to three functions,
 * named by what calls them: enter, step, overdue; the table in supervisor.c puts
 * them together. Each ends the state by hwi_state_enter() or hwi_state_fail().
 */
#ifndef HWI_DEVICE_STATES_H
#define HWI_DEVICE_STATES_H

#include "hawser/device.h"

/* The one place where a state changes. */
void hwi_state_enter(struct hawser_device *d, enum hawser_device_state state);

/* The attempt, or the session, ended in a cause: closes everything, tells the
 * log, and waits as the retry table says. detail: for a person; may be "". */
void hwi_state_fail(struct hawser_device *d, enum hawser_cause cause,
                    const char *detail);

/* states_way.c */
void hwi_step_link(struct hawser_device *d);
void hwi_overdue_link(struct hawser_device *d);
void hwi_enter_time(struct hawser_device *d);
void hwi_step_time(struct hawser_device *d);
void hwi_leave_time(struct hawser_device *d);
void hwi_step_resolve(struct hawser_device *d);
void hwi_overdue_resolve(struct hawser_device *d);
void hwi_enter_tcp(struct hawser_device *d);
void hwi_overdue_tcp(struct hawser_device *d);
void hwi_enter_tls(struct hawser_device *d);
void hwi_overdue_tls(struct hawser_device *d);
void hwi_step_stream(struct hawser_device *d); /* TCP and TLS */

/* states_session.c */
void hwi_enter_connack(struct hawser_device *d);
void hwi_step_connack(struct hawser_device *d);
void hwi_step_suback(struct hawser_device *d);
void hwi_overdue_mqtt(struct hawser_device *d); /* CONNACK and SUBACK */
void hwi_enter_online(struct hawser_device *d);
void hwi_step_online(struct hawser_device *d);
void hwi_overdue_online(struct hawser_device *d);
void hwi_step_retry(struct hawser_device *d);
void hwi_overdue_retry(struct hawser_device *d);
void hwi_step_stopping(struct hawser_device *d);
void hwi_overdue_stopping(struct hawser_device *d);
void hwi_enter_stopped(struct hawser_device *d);
void hwi_enter_restarting(struct hawser_device *d);

#endif
