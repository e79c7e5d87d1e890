/* The reference for start-up: reads a line and prints one. */
#include <stdio.h>

int main(void) {
    char line[65536];
    if (!fgets(line, sizeof line, stdin)) return 1;
    puts("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
    fflush(stdout);
    return 0;
}
