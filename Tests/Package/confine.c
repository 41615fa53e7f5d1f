// Runs a command under two filters that filter.py wrote, and without any capability: what the kernel would let the
// daemon do if systemd had started it.
//
//     confine RESTRICTIONS CALLS COMMAND [ARGUMENT ...]
#include <err.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

static void install(const char *path) {
    static struct sock_filter instructions[BPF_MAXINSNS];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t count = read(file, instructions, sizeof instructions);
    if (count <= 0 || count % sizeof *instructions != 0) err(1, "%s", path);
    close(file);
    struct sock_fprog program = {.len = count / sizeof *instructions, .filter = instructions};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) err(1, "%s: prctl", path);
}

int main(int count, char **arguments) {
    if (count < 4) errx(1, "confine RESTRICTIONS CALLS COMMAND [ARGUMENT ...]");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) err(1, "no_new_privs");
    // Up to the first that the kernel does not know. Who is not root has none to lose.
    for (unsigned long capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++) {}
    // The list of calls comes last: the other could not be installed under it.
    install(arguments[1]);
    install(arguments[2]);
    execv(arguments[3], arguments + 3);
    err(1, "%s", arguments[3]);
}
