/* A wrong clock for one process: SKEW_SECONDS are added to the machine's time. To be preloaded. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *at)
{
    long result = syscall(SYS_clock_gettime, clock, at);
    const char *skew = getenv("SKEW_SECONDS");
    if (result == 0 && clock == CLOCK_REALTIME && skew)
        at->tv_sec += atol(skew);
    return (int)result;
}
