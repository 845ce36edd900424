/*
 * A bare FastCGI responder on libfcgi: the least that a Postern worker could be.
 *
 * It keeps connections as Postern does (one epoll set for all threads, EPOLLONESHOT, accept4 until the listening
 * socket is empty), its threads share the processor as Postern's do (SCHED_BATCH), and it makes the same calls into
 * libfcgi in the same order, but looks at nothing and answers every request with the bytes of one file. What Postern's
 * GET /me costs above this is Postern's own work: the gate, the token, the user, the rate table, the answer's head.
 *
 * It has no gate. A request that comes in pieces holds a thread, and a hostile peer can do what it likes with libfcgi.
 * It is for measuring on loopback behind nginx and for nothing else.
 *
 * usage: responder THREADS ANSWER [SOCKET]
 *   THREADS  serving threads
 *   ANSWER   file with a CGI answer: head, empty line, body
 *   SOCKET   path to listen on; without it, descriptor 3 is the listening socket (LISTEN_FDS=1, sd_listen_fds(3))
 */
#define _GNU_SOURCE /* accept4, SCHED_BATCH */

#include <err.h>
#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { inherited_socket = 3, backlog = 4096, answer_limit = 65536, io_seconds = 5 };

static int listening;
static int poller;
static char answer[answer_limit];
static int answer_length;

/* Hands a descriptor to whichever thread is free next. Its entry is disarmed when it fires (EPOLLONESHOT). */
static int watch(int operation, int fd)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.fd = fd};
    return epoll_ctl(poller, operation, fd, &event);
}

static void accept_all(void)
{
    const struct timeval limit = {.tv_sec = io_seconds};
    for (;;) {
        int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EINTR || errno == ECONNABORTED)
                continue;
            watch(EPOLL_CTL_MOD, listening); /* EAGAIN: empty. After anything else it fires again. */
            return;
        }
        /* AF_UNIX connections do not inherit these from the listening socket. */
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        if (watch(EPOLL_CTL_ADD, fd) < 0)
            close(fd);
    }
}

/* Take: libfcgi reads one request from fd. On failure it has closed fd itself. */
static bool take(FCGX_Request *request, int fd, bool *kept)
{
    request->ipcFd = fd;
    request->keepConnection = 1; /* or FCGX_Accept_r would begin by closing fd */
    request->detached = 1;
    if (FCGX_Accept_r(request) != 0)
        return false;
    *kept = request->keepConnection != 0; /* from here on it is the web server's FCGI_KEEP_CONN flag */
    return true;
}

/* Answer: closing `out` sends data and end record in one write. */
static bool reply(FCGX_Request *request)
{
    bool well = FCGX_GetError(request->in) == 0;
    well = FCGX_PutStr(answer, answer_length, request->out) == answer_length && well;
    well = FCGX_FClose(request->err) == 0 && well;
    well = FCGX_FClose(request->out) == 0 && well;
    return FCGX_GetError(request->in) == 0 && well;
}

static void serve(FCGX_Request *request, int fd)
{
    bool kept = false;
    if (!take(request, fd, &kept))
        return;
    bool well = reply(request);
    request->ipcFd = -1; /* release: FCGX_Free must not close fd */
    FCGX_Free(request, 0);
    if (!well || !kept || watch(EPOLL_CTL_MOD, fd) < 0)
        close(fd);
}

static void *run(void *unused)
{
    sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){0}); /* 0: this thread */
    FCGX_Request request;
    if (FCGX_InitRequest(&request, -1, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
        errx(1, "FCGX_InitRequest failed");
    for (;;) {
        struct epoll_event event;
        int count = epoll_wait(poller, &event, 1, -1);
        if (count < 0 && errno != EINTR)
            err(1, "epoll_wait");
        if (count < 1)
            continue;
        if (event.data.fd == listening)
            accept_all();
        else
            serve(&request, event.data.fd);
    }
    return unused;
}

static void read_answer(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        err(1, "%s", path);
    answer_length = (int)fread(answer, 1, sizeof answer, file);
    if (ferror(file) || !feof(file) || answer_length == 0)
        errx(1, "%s: empty, unreadable or above %d bytes", path, answer_limit);
    fclose(file);
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        errx(1, "%s: path too long for a socket", path);
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, backlog) < 0)
        err(1, "%s", path);
    return fd;
}

static void start_polling(void)
{
    int flags = fcntl(listening, F_GETFL);
    if (flags < 0 || fcntl(listening, F_SETFL, flags | O_NONBLOCK) < 0)
        err(1, "listening socket");
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (poller < 0 || watch(EPOLL_CTL_ADD, listening) < 0)
        err(1, "epoll");
}

int main(int count, char **arguments)
{
    int threads = count > 1 ? atoi(arguments[1]) : 0;
    if (count < 3 || count > 4 || threads < 1)
        errx(2, "usage: responder THREADS ANSWER [SOCKET]");
    read_answer(arguments[2]);
    listening = count == 4 ? listen_at(arguments[3]) : inherited_socket;
    start_polling();

    if (FCGX_Init() != 0)
        errx(1, "FCGX_Init failed");
    signal(SIGPIPE, SIG_IGN); /* libfcgi has just put handlers of its own on these */
    signal(SIGTERM, SIG_DFL);

    for (int index = 1; index < threads; index++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, run, NULL) != 0)
            errx(1, "pthread_create failed");
    }
    run(NULL);
    return 0;
}
