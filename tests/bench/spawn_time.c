/* Prints the median time, in microseconds, from starting a program to the first line that it prints
   in answer to a line: spawn_time ROUNDS LINE PROGRAM [ARGUMENT...] */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void must(int holds, const char* what) {
    if (holds) return;
    perror(what);
    exit(1);
}

static double one_start(const char* line, char** program) {
    int in[2], out[2];
    must(pipe(in) == 0 && pipe(out) == 0, "pipe");
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in[0], 0);
    posix_spawn_file_actions_adddup2(&files, out[1], 1);
    for (int i = 0; i < 2; ++i) {
        posix_spawn_file_actions_addclose(&files, in[i]);
        posix_spawn_file_actions_addclose(&files, out[i]);
    }
    pid_t child = 0;
    double begin = now();
    must(posix_spawnp(&child, program[0], &files, NULL, program, environ) == 0, program[0]);
    close(in[0]);
    close(out[1]);
    must(write(in[1], line, strlen(line)) > 0 && write(in[1], "\n", 1) == 1, "write");
    char answer[65536];
    must(read(out[0], answer, sizeof answer) > 0, "no answer");
    double taken = now() - begin;
    close(in[1]);
    close(out[0]);
    int status = 0;
    waitpid(child, &status, 0);
    posix_spawn_file_actions_destroy(&files);
    return taken;
}

static int by_size(const void* a, const void* b) {
    double difference = *(const double*)a - *(const double*)b;
    return (difference > 0) - (difference < 0);
}

int main(int argc, char** argv) {
    must(argc > 3, "usage: spawn_time ROUNDS LINE PROGRAM [ARGUMENT...]");
    signal(SIGPIPE, SIG_IGN);
    int rounds = atoi(argv[1]);
    double* times = calloc((size_t)rounds, sizeof *times);
    for (int i = 0; i < rounds; ++i) times[i] = one_start(argv[2], argv + 3);
    qsort(times, (size_t)rounds, sizeof *times, by_size);
    printf("%.0f\n", times[rounds / 2]);
    free(times);
    return 0;
}
