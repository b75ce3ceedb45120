import "ringback";
