#include "model/providers/demo_project.hpp"

#include <array>

namespace thole::model {

namespace {

constexpr std::string_view readme = R"sh(# Greetings and numbers

Sample project of `thole demo`.

- `sh src/greet.sh [NAME]` greets NAME. With no name, or an empty one, it greets the world.
- `sh src/stats.sh` reads whole numbers, one a line, and prints how many there are, their sum and
  the largest. With no numbers it prints `count 0`.
- `sh tests/run.sh [NAME]` runs all tests, every `tests/*_test.sh`, or those of NAME.
)sh";

constexpr std::string_view greet = R"sh(#!/bin/sh
# Greets somebody by name, or the world.
name=${1-world}
printf 'Hello, %s!\n' "$name"
)sh";

constexpr std::string_view stats = R"sh(#!/bin/sh
# Reads whole numbers, one a line; prints how many there are, their sum and the largest.
count=0
sum=0
max=0
while read -r number; do
    count=$((count + 1))
    sum=$((sum + $number))
    if [ "$number" -gt "$max" ]; then
        max=$number
    fi
done
if [ "$count" -eq 0 ]; then
    echo "count 0"
else
    echo "count $count sum $sum max $max"
fi
)sh";

constexpr std::string_view run_tests = R"sh(#!/bin/sh
# Runs every tests/*_test.sh, or only that of "$1"; exits with 1 when a check fails.
cd "$(dirname "$0")/.." || exit 1
passed=0
failed=0

# check NAME EXPECTED ACTUAL
check() {
    if [ "$3" = "$2" ]; then
        passed=$((passed + 1))
        echo "ok - $1"
    else
        failed=$((failed + 1))
        echo "not ok - $1"
        echo "#   expected: $2"
        echo "#   got:      $3"
    fi
}

for file in tests/${1:-*}_test.sh; do
    . "./$file"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
)sh";

constexpr std::string_view greet_test =
    R"sh(check "greets by name" "Hello, Ada!" "$(sh src/greet.sh Ada)"
check "greets the world without a name" "Hello, world!" "$(sh src/greet.sh)"
check "greets the world when the name is empty" "Hello, world!" "$(sh src/greet.sh "")"
)sh";

constexpr std::string_view stats_test =
    R"sh(check "adds numbers up" "count 3 sum 9 max 4" "$(printf '2\n3\n4\n' | sh src/stats.sh)"
check "finds the largest of negative numbers" "count 2 sum -7 max -2" \
    "$(printf '%s\n' -5 -2 | sh src/stats.sh)"
)sh";

constexpr std::array files{
    DemoFile{"README.md", readme},
    DemoFile{"src/greet.sh", greet},
    DemoFile{"src/stats.sh", stats},
    DemoFile{"tests/run.sh", run_tests},
    DemoFile{"tests/greet_test.sh", greet_test},
    DemoFile{"tests/stats_test.sh", stats_test},
};

}  // namespace

std::span<const DemoFile> demo_project() {
    return files;
}

std::string_view demo_prompt() {
    return "The tests of this project fail. Find out why, repair the code, and add the test that "
           "is missing.";
}

}  // namespace thole::model
