// The least that a list of sessions can do: every name of a directory, and the size of each.
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

int main(int count, char** arguments) {
    DIR* directory = count > 1 ? opendir(arguments[1]) : NULL;
    if (!directory) return 1;
    long long files = 0, bytes = 0;
    for (struct dirent* file; (file = readdir(directory));) {
        struct stat status;
        if (fstatat(dirfd(directory), file->d_name, &status, AT_SYMLINK_NOFOLLOW)) continue;
        ++files;
        bytes += status.st_size;
    }
    printf("%lld %lld\n", files, bytes);
    closedir(directory);
}
