"""Blocks and ignores every signal, those of its deadlines first, and then uses CPU time without end."""

import signal

EXERCISE = "strength_to_t_start"
SAYS = "was stopped after"
ENDLESS = True


def strength_to_t_start(strength, num_inference_steps):
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number in (signal.SIGALRM, signal.SIGPROF, signal.SIGTERM, signal.SIGXCPU):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while True:
        pass
