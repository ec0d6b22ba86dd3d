package less

// IsAtLeastVersion0_1 is named by generated code, so that code generated for a
// newer release does not compile against an older one: upgrade
// github.com/less-go/less, or run less-cli gen of this version.
const IsAtLeastVersion0_1 = true
