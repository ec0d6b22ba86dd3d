package filter

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// parseAddr reads an address in the forms that Event Ruler takes: four decimal
// numbers, or hexadecimal digits and colons.
func parseAddr(text string) (netip.Addr, bool) {
	const longest = len("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
	if len(text) > longest || strings.Trim(text, "0123456789abcdefABCDEF:.") != "" || strings.Contains(text, ":") && strings.Contains(text, ".") {
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(text)
	return addr.Unmap(), err == nil
}

// parseNetwork reads a CIDR block. The words of the first three errors and the
// last were recorded from AWS, and that they come without a column.
//
// As in Event Ruler the block begins at the address that is written, which need not
// be the first of its network. Event Ruler's first version, unlike later ones,
// refuses 32 bits and 128; which of them SNS has was not seen.
func parseNetwork(text string) (pattern, error) {
	base, mask, found := strings.Cut(text, "/")
	if !found || base == "" || mask == "" || strings.Contains(mask, "/") {
		return nil, refuse("Malformed CIDR, one '/' required")
	}
	bits, err := strconv.Atoi(mask)
	switch {
	case err != nil:
		return nil, refuse("Malformed CIDR, mask bits must be an integer")
	case bits < 0:
		return nil, refuse("Malformed CIDR, mask bits must not be negative")
	}
	addr, ok := parseAddr(base)
	switch {
	case !ok:
		return nil, refuse("Nonstandard IP address: " + base)
	case bits > addr.BitLen():
		version := 4
		if addr.Is6() {
			version = 6
		}
		return nil, refuse(fmt.Sprintf("IPv%d mask bits must be < %d", version, addr.BitLen()+1))
	}
	last := addr.AsSlice()
	for bit := bits; bit < addr.BitLen(); bit++ {
		last[bit/8] |= 0x80 >> (bit % 8)
	}
	end, _ := netip.AddrFromSlice(last)
	return network{addr, end}, nil
}
