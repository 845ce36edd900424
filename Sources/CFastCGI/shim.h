#ifndef POSTERN_CFASTCGI_SHIM_H
#define POSTERN_CFASTCGI_SHIM_H

#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <fcgiapp.h>

/* Swift's Glibc module has neither epoll(7) and eventfd(2) nor this one, which glibc declares for _GNU_SOURCE
 * only. */
struct sockaddr;
extern int accept4(int listener, struct sockaddr *address, unsigned int *length, int flags);

/* The head of libfcgi's private FCGX_Stream_Data (fcgiapp.c, the same from 2.4.0 to 2.4.7). Swift cannot import
 * it, since no header of libfcgi declares it; FastCGI proves the layout at start before it trusts it. */
struct postern_stream_data {
    unsigned char *buff;
    int bufflen;
    unsigned char *mBuff;
    unsigned char *buffStop;
};

/* Bytes that libfcgi has read from the socket and not yet parsed. What stands here when a request has ended is
 * lost with the stream, so the connection's next byte would be the middle of something. */
static inline ptrdiff_t postern_unparsed(const FCGX_Stream *stream) {
    const struct postern_stream_data *data = (const struct postern_stream_data *)stream->data;
    return data->buffStop - stream->rdNext;
}

#endif
