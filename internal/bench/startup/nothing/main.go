// Command nothing is a Go program that does nothing: what any program's start takes.
package main

func main() {}
