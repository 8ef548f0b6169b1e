// Package embedded runs a PostgreSQL server of the portal's own: the real one, started, watched and stopped as a child
// process, so that the portal needs nothing to be set up beside it.
//
// The server listens on a Unix socket only. The socket's folder is closed to everybody but the account that the portal
// runs as, and so is the socket: whoever gets there can read the data files anyway, so the server trusts them and there
// is no password that could lie about on the disk.
//
// In the data folder are:
//
//	postgres/               the database cluster; initdb works beside it and it is moved here when it is whole
//	postgres.log            what the server says, and postgres.log.1, what it said before (1 MiB each)
//	postgres.lock           locked by the one portal that uses the folder
//	programs-18.3.0/        a PostgreSQL that was fetched because the machine has none
//	run/                    the socket, while the server runs (elsewhere if the path is too long for a socket)
//
// A portal that is killed leaves no half-made state behind: the lock goes with its process, on Linux the kernel asks the
// server to shut down, and Start ends whatever still works in the cluster before it starts a server there.
package embedded
