/* The least that any reader of a store must do: open, read and close every gens/<stage>/<id>/metadata.json.
 *
 * Usage: floor [-l] ROOT
 * -l also opens and lists each generation's folder, takes the status of its files and reads those that are JSON, as a
 * scan has to.
 * Prints one JSON object: records, bytes, disk (bytes not found in the cache), wall and cpu in seconds, peak in KiB.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 65536

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static struct rusage usage(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used;
}

/* Linux hands ru_maxrss down through fork and exec, so that it would show the harness; VmHWM is this program's own. */
static long peak(void)
{
    char line[256];
    long kib = usage().ru_maxrss;
    FILE *status = fopen("/proc/self/status", "r");

    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %ld", &kib) == 1)
            break;
    if (status)
        fclose(status);
    return kib;
}

static void fail(const char *what)
{
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static DIR *open_folder(int parent, const char *name)
{
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY);
    DIR *entries = folder < 0 ? NULL : fdopendir(folder);

    if (!entries)
        fail(name);
    return entries;
}

/* The next name in a folder but "." and "..", or NULL. */
static const char *next_name(DIR *entries)
{
    struct dirent *entry;

    while ((entry = readdir(entries)))
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
            return entry->d_name;
    return NULL;
}

static long read_file(int folder, const char *path, int with_status)
{
    static char buffer[CHUNK];
    struct stat status;
    ssize_t got;
    long bytes = 0;
    int file;

    if ((file = openat(folder, path, O_RDONLY)) < 0 || (with_status && fstat(file, &status) < 0))
        fail(path);
    do {
        if ((got = read(file, buffer, CHUNK)) < 0)
            fail(path);
        bytes += got;
    } while (got == CHUNK);
    close(file);
    return bytes;
}

static int is_json(const char *name)
{
    size_t length = strlen(name);

    return length > 5 && !strcmp(name + length - 5, ".json");
}

static long read_generation(int stage, const char *name, int with_listing)
{
    char path[NAME_MAX + sizeof "/metadata.json"];
    struct stat status;
    const char *entry;
    long bytes = 0;
    DIR *folder;

    if (!with_listing) {
        snprintf(path, sizeof path, "%s/metadata.json", name);
        return read_file(stage, path, 0);
    }
    folder = open_folder(stage, name);
    while ((entry = next_name(folder)))
        if (is_json(entry))
            bytes += read_file(dirfd(folder), entry, 1);
        else if (fstatat(dirfd(folder), entry, &status, AT_SYMLINK_NOFOLLOW) < 0)
            fail(entry);
    closedir(folder);
    return bytes;
}

int main(int argc, char **argv)
{
    int with_listing = argc == 3 && !strcmp(argv[1], "-l");
    long records = 0, bytes = 0, disk = usage().ru_inblock;
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    const char *stage, *name;
    DIR *root, *gens, *folder;

    root = open_folder(AT_FDCWD, argc == 2 + with_listing ? argv[argc - 1] : "");
    gens = open_folder(dirfd(root), "gens");
    while ((stage = next_name(gens))) {
        folder = open_folder(dirfd(gens), stage);
        for (; (name = next_name(folder)); ++records)
            bytes += read_generation(dirfd(folder), name, with_listing);
        closedir(folder);
    }
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    wall = seconds(CLOCK_MONOTONIC) - wall;
    disk = (usage().ru_inblock - disk) * 512;
    printf("{\"records\": %ld, \"bytes\": %ld, \"disk\": %ld, \"wall\": %.6f, \"cpu\": %.6f, \"peak\": %ld}\n",
           records, bytes, disk, wall, cpu, peak());
    return 0;
}
