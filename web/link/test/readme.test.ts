/** The commands of the package's README, as printed there. */
import "../../connections/test/readme.test";
