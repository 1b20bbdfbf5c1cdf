package expression

// #cgo LDFLAGS: -lm
// #include <math.h>
import "C"

// The functions of C's library, as MySQL calls them: Go's own differ in the last digit.

func exp(x float64) float64        { return float64(C.exp(C.double(x))) }
func sine(x float64) float64       { return float64(C.sin(C.double(x))) }
func cosine(x float64) float64     { return float64(C.cos(C.double(x))) }
func tangent(x float64) float64    { return float64(C.tan(C.double(x))) }
func arcSine(x float64) float64    { return float64(C.asin(C.double(x))) }
func arcCosine(x float64) float64  { return float64(C.acos(C.double(x))) }
func arcTan(x float64) float64     { return float64(C.atan(C.double(x))) }
func arcTan2(y, x float64) float64 { return float64(C.atan2(C.double(y), C.double(x))) }
func naturalLog(x float64) float64 { return float64(C.log(C.double(x))) }
func binaryLog(x float64) float64  { return float64(C.log2(C.double(x))) }
func decimalLog(x float64) float64 { return float64(C.log10(C.double(x))) }
func powerOf(x, y float64) float64 { return float64(C.pow(C.double(x), C.double(y))) }
