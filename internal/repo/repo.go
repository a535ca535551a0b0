// Package repo holds checks of the repository as a whole. They are all in its tests.
package repo
