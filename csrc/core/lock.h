/* lock.h - the mutex of the system (internal). */
#ifndef CNS_LOCK_H
#define CNS_LOCK_H

#ifdef _WIN32
#include <windows.h>
typedef SRWLOCK cns_lock;
#define CNS_LOCK_INIT SRWLOCK_INIT
static inline void cns_lock_init(cns_lock *lock) {
    InitializeSRWLock(lock);
}
static inline void cns_lock_end(cns_lock *lock) {
    (void)lock;
}
static inline void cns_lock_take(cns_lock *lock) {
    AcquireSRWLockExclusive(lock);
}
static inline void cns_lock_give(cns_lock *lock) {
    ReleaseSRWLockExclusive(lock);
}
#else
#include <pthread.h>
typedef pthread_mutex_t cns_lock;
#define CNS_LOCK_INIT PTHREAD_MUTEX_INITIALIZER
static inline void cns_lock_init(cns_lock *lock) {
    (void)pthread_mutex_init(lock, NULL);
}
static inline void cns_lock_end(cns_lock *lock) {
    (void)pthread_mutex_destroy(lock);
}
static inline void cns_lock_take(cns_lock *lock) {
    (void)pthread_mutex_lock(lock);
}
static inline void cns_lock_give(cns_lock *lock) {
    (void)pthread_mutex_unlock(lock);
}
#endif

#endif
